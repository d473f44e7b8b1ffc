"""The demo province: the 2013 structure of Bình Dương with synthetic people.

Pure data and generators, the same for the same seed; writing it into a catalogue is the loader's
part. No person here is real: names are drawn from frequency tables, numbers from ranges that
nobody was given.
"""
