"""SCIM servers on libraries that we did not write, each started as its own guide says."""
