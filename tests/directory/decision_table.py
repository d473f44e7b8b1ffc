"""What each role may do where: written by hand from the design, never computed.

The tree:   P the province ─┬─ A department ─┬─ A.u unit of A
                            │                └─ A1 sub-department of A ── A1.u unit of A1
                            └─ B department ─── B.u unit of B

Read a line as: this actor, this action; `Y` allowed, `n` refused, for each object in the heading.
Actors hold one role by a grant in the place after the @.
"""

PLACES = ("P", "A", "A.u", "A1", "A1.u", "B", "B.u")

#                                         P A A.u A1 A1.u B B.u
PLACE_TABLE = """
nobody              people:read           n n n n n n n
user@A              people:read           n n n n n n n
user@A              people:write          n n n n n n n
user@A              grants:write          n n n n n n n
user@A              audit:read            n n n n n n n

agency_admin@A      people:read           n Y Y Y Y n n
agency_admin@A      people:write          n Y Y Y Y n n
agency_admin@A      agencies:read         n Y Y Y Y n n
agency_admin@A      agencies:write        n n n n n n n
agency_admin@A      audit:read            n Y Y Y Y n n
agency_admin@A1     people:read           n n n Y Y n n
agency_admin@A1     people:write          n n n Y Y n n
agency_admin@A1     audit:read            n n n Y Y n n
agency_admin@A.u    people:read           n n Y n n n n
agency_admin@A.u    people:write          n n Y n n n n
agency_admin@B      people:write          n n n n n Y Y

hr_officer@A        people:read           n Y Y Y Y n n
hr_officer@A        people:write          n Y Y Y Y n n
hr_officer@A        audit:read            n n n n n n n
hr_officer@A        agencies:write        n n n n n n n

inspector@A         people:read           n Y Y Y Y n n
inspector@A         people:write          n n n n n n n
inspector@A         audit:read            n n n n n n n

unit_coordinator@A.u people:read          n n Y n n n n
unit_coordinator@A  agencies:read         n Y Y Y Y n n
unit_coordinator@A  people:write          n n n n n n n
unit_coordinator@A  audit:read            n n n n n n n

help_desk@A         people:read           n Y Y Y Y n n
help_desk@A         agencies:read         n Y Y Y Y n n
help_desk@A         people:write          n n n n n n n
help_desk@A         audit:read            n n n n n n n
help_desk@A         positions:write       n n n n n n n

it_executive@A      people:read           n Y Y Y Y n n
it_executive@A      audit:read            n Y Y Y Y n n
it_executive@A      people:write          n n n n n n n
it_executive@A      positions:write       n n n n n n n

security_officer@P  people:read           Y Y Y Y Y Y Y
security_officer@P  audit:read            Y Y Y Y Y Y Y
security_officer@P  people:write          n n n n n n n
security_officer@P  agencies:write        n n n n n n n
security_officer@P  positions:write       n n n n n n n
security_officer@A  audit:read            n Y Y Y Y n n

auditor@A           people:read           n Y Y Y Y n n
auditor@A           people:write          n n n n n n n
auditor@A           audit:read            n Y Y Y Y n n

province_operator@P people:read           Y Y Y Y Y Y Y
province_operator@P people:write          Y Y Y Y Y Y Y
province_operator@P agencies:write        Y Y Y Y Y Y Y
province_operator@P audit:read            Y Y Y Y Y Y Y
province_operator@A agencies:write        n Y Y Y Y n n
province_operator@A audit:read            n Y Y Y Y n n

agency_admin@A      grants:read           n Y Y Y Y n n
agency_admin@A1     grants:read           n n n Y Y n n
hr_officer@A        grants:read           n n n n n n n
inspector@A         grants:read           n Y Y Y Y n n
auditor@A           grants:read           n Y Y Y Y n n
it_executive@A      grants:read           n Y Y Y Y n n
help_desk@A         grants:read           n n n n n n n
unit_coordinator@A  grants:read           n n n n n n n
security_officer@P  grants:read           Y Y Y Y Y Y Y
province_operator@P grants:read           Y Y Y Y Y Y Y
user@A              grants:read           n n n n n n n
expired@A           grants:read           n n n n n n n
suspended@A         grants:read           n n n n n n n

auditor@P           expiries:read         Y Y Y Y Y Y Y
auditor@A           expiries:read         n n n n n n n
security_officer@P  expiries:read         Y Y Y Y Y Y Y
province_operator@P expiries:read         Y Y Y Y Y Y Y
province_operator@A expiries:read         n n n n n n n
agency_admin@P      expiries:read         n n n n n n n
it_executive@P      expiries:read         n n n n n n n
inspector@A         expiries:read         n n n n n n n
user@A              expiries:read         n n n n n n n
auditor@P           grants:read_privileged Y Y Y Y Y Y Y
auditor@A           grants:read_privileged n n n n n n n
security_officer@P  grants:read_privileged Y Y Y Y Y Y Y
province_operator@P grants:read_privileged Y Y Y Y Y Y Y
province_operator@A grants:read_privileged n n n n n n n
agency_admin@P      grants:read_privileged n n n n n n n
it_executive@P      grants:read_privileged n n n n n n n
inspector@A         grants:read_privileged n n n n n n n
user@A              grants:read_privileged n n n n n n n

auditor@P           console:view_as      Y Y Y Y Y Y Y
auditor@A           console:view_as      n Y Y Y Y n n
province_operator@P console:view_as      Y Y Y Y Y Y Y
security_officer@P  console:view_as      n n n n n n n
agency_admin@A      console:view_as      n n n n n n n
inspector@A         console:view_as      n n n n n n n
user@A              console:view_as      n n n n n n n

agency_admin@A      codes:write           n Y Y Y Y n n
agency_admin@A1     codes:write           n n n Y Y n n
hr_officer@A        codes:write           n n n n n n n
inspector@A         codes:write           n n n n n n n
province_operator@A codes:write           n Y Y Y Y n n
province_operator@P codes:write           Y Y Y Y Y Y Y
security_officer@P  codes:write           n n n n n n n
it_executive@P      codes:write           n n n n n n n
user@A              codes:write           n n n n n n n
agency_admin@A      codes:read            n Y Y Y Y n n
inspector@A         codes:read            n Y Y Y Y n n
auditor@P           codes:read            Y Y Y Y Y Y Y
user@A              codes:read            n n n n n n n
agency_admin@A      codes:assign          n n n n n n n
province_operator@A codes:assign          n n n n n n n
province_operator@P codes:assign          Y Y Y Y Y Y Y
security_officer@P  codes:assign          n n n n n n n
auditor@P           codes:assign          n n n n n n n
user@A              codes:assign          n n n n n n n

agency_admin@A      exports:approve       n Y Y Y Y n n
agency_admin@A1     exports:approve       n n n Y Y n n
agency_admin@B      exports:approve       n n n n n Y Y
it_executive@A      exports:approve       n Y Y Y Y n n
it_executive@P      exports:approve       Y Y Y Y Y Y Y
province_operator@A exports:approve       n Y Y Y Y n n
province_operator@P exports:approve       Y Y Y Y Y Y Y
hr_officer@A        exports:approve       n n n n n n n
help_desk@A         exports:approve       n n n n n n n
inspector@A         exports:approve       n n n n n n n
auditor@A           exports:approve       n n n n n n n
security_officer@P  exports:approve       n n n n n n n
user@A              exports:approve       n n n n n n n

agency_admin@P      messages:retry        n n n n n n n
province_operator@A messages:retry        n n n n n n n
province_operator@P messages:retry        Y Y Y Y Y Y Y
security_officer@P  messages:retry        n n n n n n n
auditor@P           messages:retry        n n n n n n n

agency_admin@A      notices:write         n n n n n n n
agency_admin@P      notices:write         n n n n n n n
province_operator@A notices:write         n n n n n n n
province_operator@P notices:write         Y Y Y Y Y Y Y
security_officer@A  notices:write         n n n n n n n
security_officer@P  notices:write         Y Y Y Y Y Y Y
auditor@P           notices:write         n n n n n n n
it_executive@P      notices:write         n n n n n n n
user@A              notices:write         n n n n n n n

agency_admin@P      sessions:end-any      n n n n n n n
province_operator@A sessions:end-any      n n n n n n n
province_operator@P sessions:end-any      Y Y Y Y Y Y Y
security_officer@P  sessions:end-any      Y Y Y Y Y Y Y
help_desk@P         sessions:end-any      n n n n n n n

agency_admin@P      break-glass:read      n n n n n n n
province_operator@A break-glass:read      n n n n n n n
province_operator@P break-glass:read      Y Y Y Y Y Y Y
security_officer@P  break-glass:read      Y Y Y Y Y Y Y
auditor@P           break-glass:read      n n n n n n n

agency_admin@P      break-glass:seal      n n n n n n n
agency_admin@P      passwords:import      n n n n n n n
province_operator@A break-glass:seal      n n n n n n n
province_operator@A passwords:import      n n n n n n n
province_operator@P break-glass:seal      Y Y Y Y Y Y Y
province_operator@P passwords:import      Y Y Y Y Y Y Y
security_officer@P  break-glass:seal      Y Y Y Y Y Y Y
security_officer@P  passwords:import      Y Y Y Y Y Y Y
auditor@P           break-glass:seal      n n n n n n n
auditor@P           passwords:import      n n n n n n n

agency_admin@P      factor-policy:weaken  n n n n n n n
province_operator@P factor-policy:weaken  n n n n n n n
security_officer@A  factor-policy:weaken  n n n n n n n
security_officer@P  factor-policy:weaken  Y Y Y Y Y Y Y
auditor@P           factor-policy:weaken  n n n n n n n

agency_admin@P      factor-policy:write   n n n n n n n
province_operator@A factor-policy:write   n n n n n n n
province_operator@P factor-policy:write   Y Y Y Y Y Y Y
security_officer@A  factor-policy:write   n n n n n n n
security_officer@P  factor-policy:write   Y Y Y Y Y Y Y
auditor@P           factor-policy:write   n n n n n n n
it_executive@P      factor-policy:write   n n n n n n n
help_desk@P         factor-policy:write   n n n n n n n

agency_admin@A      slips:agree           n n n n n n n
agency_admin@P      slips:agree           n n n n n n n
help_desk@P         slips:agree           n n n n n n n
province_operator@A slips:agree           n n n n n n n
province_operator@P slips:agree           Y Y Y Y Y Y Y
security_officer@P  slips:agree           Y Y Y Y Y Y Y
security_officer@A  slips:agree           n n n n n n n
auditor@P           slips:agree           n n n n n n n
user@A              slips:agree           n n n n n n n

agency_admin@P      certificates:trust    n n n n n n n
province_operator@A certificates:trust    n n n n n n n
province_operator@P certificates:trust    Y Y Y Y Y Y Y
security_officer@P  certificates:trust    n n n n n n n

agency_admin@A      connectors:read       n Y Y Y Y n n
auditor@A           connectors:read       n Y Y Y Y n n
province_operator@P connectors:read       Y Y Y Y Y Y Y
security_officer@P  connectors:read       Y Y Y Y Y Y Y
user@A              connectors:read       n n n n n n n
agency_admin@A      connectors:write      n Y Y Y Y n n
province_operator@A connectors:write      n Y Y Y Y n n
province_operator@P connectors:write      Y Y Y Y Y Y Y
security_officer@P  connectors:write      n n n n n n n
user@A              connectors:write      n n n n n n n

agency_admin@A      people:add-administrator n n n n n n n
hr_officer@A        people:add-administrator n n n n n n n
security_officer@P  people:add-administrator n n n n n n n
auditor@P           people:add-administrator n n n n n n n
province_operator@P people:add-administrator Y Y Y Y Y Y Y
province_operator@A people:add-administrator n Y Y Y Y n n
user@A              people:add-administrator n n n n n n n
expired@A           people:add-administrator n n n n n n n

agency_admin@A      positions:read        n Y Y Y Y n n
hr_officer@A        positions:read        n Y Y Y Y n n
help_desk@A         positions:read        n Y Y Y Y n n
unit_coordinator@A  positions:read        n Y Y Y Y n n
inspector@A         positions:read        n Y Y Y Y n n
it_executive@A      positions:read        n Y Y Y Y n n
auditor@P           positions:read        Y Y Y Y Y Y Y
security_officer@P  positions:read        Y Y Y Y Y Y Y
province_operator@P positions:read        Y Y Y Y Y Y Y
agency_admin@B      positions:read        n n n n n Y Y
user@A              positions:read        n n n n n n n
expired@A           positions:read        n n n n n n n
suspended@A         positions:read        n n n n n n n

agency_admin@A      requests:read         n Y Y Y Y n n
agency_admin@A1     requests:read         n n n Y Y n n
hr_officer@A        requests:read         n n n n n n n
inspector@A         requests:read         n n n n n n n
auditor@A           requests:read         n Y Y Y Y n n
hr_officer@A        requests:follow       n Y Y Y Y n n
inspector@A         requests:follow       n n n n n n n
help_desk@A         requests:follow       n Y Y Y Y n n
province_operator@P requests:read         Y Y Y Y Y Y Y
province_operator@A requests:read         n Y Y Y Y n n
it_executive@A      requests:read         n Y Y Y Y n n
security_officer@P  requests:read         Y Y Y Y Y Y Y
help_desk@A         requests:read         n n n n n n n
unit_coordinator@A  requests:read         n n n n n n n
user@A              requests:read         n n n n n n n
expired@A           requests:read         n n n n n n n
suspended@A         requests:read         n n n n n n n

expired@A           people:read           n n n n n n n
expired@A           people:write          n n n n n n n
future@A            people:read           n n n n n n n
revoked@A           people:read           n n n n n n n
revoked@A           people:write          n n n n n n n
suspended@A         people:read           n n n n n n n
foreign_role@A      people:read           n n n n n n n
foreign_role@A      people:write          n n n n n n n
last_day@A          people:read           n Y Y Y Y n n
by_post@A           people:read           n Y Y Y Y n n
by_ended_post@A     people:read           n n n n n n n
"""

# in_X: main post in X. both: main post in B, second post in A. was: main post in A, second post in
# B that ended. left: has left A. moved: main post in B, an earlier one in A. coming: main post in
# B, the next one in A from tomorrow. missing: no such person.
PEOPLE = (
    "in_P",
    "in_A",
    "in_A.u",
    "in_A1",
    "in_A1.u",
    "in_B",
    "in_B.u",
    "both",
    "was",
    "left",
    "moved",
    "coming",
    "missing",
)

#                                           P A A.u A1 A1.u B B.u both was left moved coming missing
PERSON_TABLE = """
nobody              people:read             n n n n n n n n n n n n n
user@A              people:read             n n n n n n n n n n n n n
user@A              people:write            n n n n n n n n n n n n n
agency_admin@A      people:read             n Y Y Y Y n n Y Y Y n n n
agency_admin@A      people:write            n Y Y Y Y n n n Y Y n n n
agency_admin@A      people:set-password     n Y Y Y Y n n n Y Y n n n
agency_admin@B      people:read             n n n n n Y Y Y n n Y Y n
agency_admin@B      people:write            n n n n n Y Y Y n n Y Y n
agency_admin@A1     people:read             n n n Y Y n n n n n n n n
agency_admin@A1     people:write            n n n Y Y n n n n n n n n
agency_admin@A      people:suspend          n Y Y Y Y n n n Y Y n n n
agency_admin@A      people:retire           n Y Y Y Y n n n Y Y n n n
agency_admin@A      people:unlock           n Y Y Y Y n n n Y Y n n n
agency_admin@A      sessions:end            n Y Y Y Y n n n Y Y n n n
agency_admin@A.u    people:write            n n Y n n n n n n n n n n
hr_officer@A        people:write            n Y Y Y Y n n n Y Y n n n
hr_officer@A        people:suspend          n Y Y Y Y n n n Y Y n n n
hr_officer@A        people:retire           n Y Y Y Y n n n Y Y n n n
hr_officer@A        people:unlock           n n n n n n n n n n n n n
hr_officer@A        sessions:end            n n n n n n n n n n n n n
inspector@A         people:suspend          n n n n n n n n n n n n n
unit_coordinator@A  people:read             n Y Y Y Y n n Y Y Y n n n
unit_coordinator@A  people:unlock           n n n n n n n n n n n n n
help_desk@A         people:read             n Y Y Y Y n n Y Y Y n n n
help_desk@A         people:set-password     n Y Y Y Y n n n Y Y n n n
help_desk@A         people:unlock           n Y Y Y Y n n n Y Y n n n
help_desk@A         sessions:end            n Y Y Y Y n n n Y Y n n n
help_desk@A         people:suspend          n n n n n n n n n n n n n
help_desk@A         people:write            n n n n n n n n n n n n n
it_executive@A      people:set-password     n n n n n n n n n n n n n
it_executive@A      people:suspend          n n n n n n n n n n n n n
security_officer@P  people:suspend          Y Y Y Y Y Y Y Y Y Y Y Y n
security_officer@P  people:unlock           Y Y Y Y Y Y Y Y Y Y Y Y n
security_officer@P  people:set-password     n n n n n n n n n n n n n
security_officer@P  people:retire           n n n n n n n n n n n n n
security_officer@A  people:suspend          n Y Y Y Y n n n Y Y n n n
auditor@A           people:retire           n n n n n n n n n n n n n
hr_officer@A        people:set-password     n n n n n n n n n n n n n
inspector@A         people:read             n Y Y Y Y n n Y Y Y n n n
inspector@A         people:write            n n n n n n n n n n n n n
auditor@A           people:set-password     n n n n n n n n n n n n n
province_operator@P people:write            Y Y Y Y Y Y Y Y Y Y Y Y n
agency_admin@A      factors:reset           n Y Y Y Y n n n Y Y n n n
agency_admin@B      factors:reset           n n n n n Y Y Y n n Y Y n
help_desk@A         factors:reset           n Y Y Y Y n n n Y Y n n n
hr_officer@A        factors:reset           n n n n n n n n n n n n n
security_officer@P  factors:reset           n n n n n n n n n n n n n
province_operator@P factors:reset           Y Y Y Y Y Y Y Y Y Y Y Y n
expired@A           factors:reset           n n n n n n n n n n n n n
suspended@A         factors:reset           n n n n n n n n n n n n n
agency_admin@A      slips:issue             n Y Y Y Y n n n Y Y n n n
agency_admin@B      slips:issue             n n n n n Y Y Y n n Y Y n
help_desk@A         slips:issue             n Y Y Y Y n n n Y Y n n n
hr_officer@A        slips:issue             n n n n n n n n n n n n n
security_officer@P  slips:issue             n n n n n n n n n n n n n
province_operator@P slips:issue             Y Y Y Y Y Y Y Y Y Y Y Y n
expired@A           slips:issue             n n n n n n n n n n n n n
suspended@A         slips:issue             n n n n n n n n n n n n n
agency_admin@A      certificates:bind       n Y Y Y Y n n n Y Y n n n
agency_admin@B      certificates:bind       n n n n n Y Y Y n n Y Y n
help_desk@A         certificates:bind       n Y Y Y Y n n n Y Y n n n
hr_officer@A        certificates:bind       n n n n n n n n n n n n n
security_officer@P  certificates:bind       n n n n n n n n n n n n n
province_operator@P certificates:bind       Y Y Y Y Y Y Y Y Y Y Y Y n
expired@A           certificates:bind       n n n n n n n n n n n n n
suspended@A         certificates:bind       n n n n n n n n n n n n n
agency_admin@A      factors:give            n n n n n n n n n n n n n
help_desk@A         factors:give            n n n n n n n n n n n n n
province_operator@P factors:give            Y Y Y Y Y Y Y Y Y Y Y Y n
province_operator@A factors:give            n Y Y Y Y n n n Y Y n n n
expired@A           people:write            n n n n n n n n n n n n n
suspended@A         people:write            n n n n n n n n n n n n n
revoked@A           people:set-password     n n n n n n n n n n n n n
"""

# The power of the target. with_X: main post in A, holding the role X of ours in A (with_X@P: in the
# whole province). owner_of_with_X: it is an administration account of theirs that holds it. soon:
# agency_admin from tomorrow. by_position: agency_admin by their position. off: agency_admin who is
# suspended. was_admin: agency_admin until yesterday.
POWERS = (
    "with_none",
    "with_inspector",
    "with_hr_officer",
    "with_auditor",
    "with_agency_admin",
    "with_province_operator@P",
    "owner_of_with_province_operator@P",
    "soon",
    "by_position",
    "off",
    "was_admin",
)

#                   (each in turn) none inspector hr auditor admin operator owner soon pos off was
POWER_TABLE = """
agency_admin@A      people:read             Y Y Y Y Y Y Y Y Y Y Y
agency_admin@A      audit:read              Y Y Y Y Y Y Y Y Y Y Y
agency_admin@A      people:write            Y Y Y n n n n n n n Y
agency_admin@A      people:suspend          Y Y Y n n n n n n n Y
agency_admin@A      people:retire           Y Y Y n n n n n n n Y
agency_admin@A      people:set-password     Y Y Y n n n n n n n Y
agency_admin@A      people:unlock           Y Y Y n n n n n n n Y
agency_admin@A1     people:write            n n n n n n n n n n n
hr_officer@A        people:read             Y Y Y Y Y Y Y Y Y Y Y
hr_officer@A        people:write            Y n n n n n n n n n Y
hr_officer@A        people:suspend          Y n n n n n n n n n Y
hr_officer@A        people:retire           Y n n n n n n n n n Y
hr_officer@A        people:set-password     n n n n n n n n n n n
hr_officer@A        people:unlock           n n n n n n n n n n n
inspector@A         people:read             Y Y Y Y Y Y Y Y Y Y Y
inspector@A         people:write            n n n n n n n n n n n
help_desk@A         people:set-password     Y n n n n n n n n n Y
help_desk@A         people:unlock           Y n n n n n n n n n Y
help_desk@A         slips:issue             Y n n n n n n n n n Y
agency_admin@A      slips:issue             Y Y Y n n n n n n n Y
province_operator@P slips:issue             Y Y Y Y Y n n Y Y Y Y
security_officer@P  people:suspend          Y n n n n n n n n n Y
province_operator@A people:write            Y Y Y Y Y n n Y Y Y Y
province_operator@A people:set-password     Y Y Y Y Y n n Y Y Y Y
province_operator@P people:write            Y Y Y Y Y n n Y Y Y Y
province_operator@P people:suspend          Y Y Y Y Y n n Y Y Y Y
province_operator@P people:retire           Y Y Y Y Y n n Y Y Y Y
province_operator@P people:set-password     Y Y Y Y Y n n Y Y Y Y
province_operator@P people:unlock           Y Y Y Y Y n n Y Y Y Y
"""

# Who may give which role, where, to whom. app:* is a role of an ordinary application; of the owner
# A are owned:by_agency, owned:by_owner, owned:by_province, owned:by_operator, given as they say.
#   actor               role                place   holder    expected
GRANT_TABLE = """
agency_admin@A          app:van_thu         A       in_A      Y
agency_admin@A          app:van_thu         A.u     in_A.u    Y
agency_admin@A          app:van_thu         A1      in_A1.u   Y
agency_admin@A          app:van_thu         A       both      Y
agency_admin@A          app:van_thu         P       in_A      n
agency_admin@A          app:van_thu         B       in_A      n
agency_admin@A          app:van_thu         A       in_B      n
agency_admin@A          app:van_thu         A       missing   n
agency_admin@A          app:van_thu         A       self      n
agency_admin@A          admin:hr_officer    A       in_A      Y
agency_admin@A          admin:inspector     A1      in_A1     Y
agency_admin@A          admin:hr_officer    P       in_A      n
agency_admin@A          admin:agency_admin  A       in_A      n
agency_admin@A          admin:agency_admin  A1      in_A1     n
agency_admin@A          admin:auditor       A       in_A      n
agency_admin@A          admin:unit_coordinator A.u  in_A.u    Y
agency_admin@A          admin:help_desk     A       in_A      Y
agency_admin@A          admin:it_executive  A       in_A      n
agency_admin@A          admin:security_officer A    in_A      n
help_desk@A             admin:help_desk     A       in_A      n
help_desk@A             app:van_thu         A       in_A      n
unit_coordinator@A      app:van_thu         A       in_A      n
it_executive@A          app:van_thu         A       in_A      n
security_officer@P      app:van_thu         A       in_A      n
security_officer@P      admin:help_desk     A       in_A      n
province_operator@P     admin:it_executive  B       in_B      Y
province_operator@P     admin:security_officer P    in_P      Y
agency_admin@A          admin:province_operator A   in_A      n
agency_admin@A          admin:hr_officer    A       self      n
agency_admin@A.u        app:van_thu         A.u     in_A.u    Y
agency_admin@A.u        app:van_thu         A       in_A.u    n
hr_officer@A            app:van_thu         A       in_A      n
inspector@A             app:van_thu         A       in_A      n
auditor@A               admin:inspector     A       in_A      n
province_operator@P     admin:agency_admin  B       in_B      Y
province_operator@P     admin:auditor       P       in_P      Y
province_operator@P     admin:province_operator P   in_P      Y
province_operator@P     admin:province_operator P   self      n
province_operator@A     admin:province_operator A   in_A      Y
province_operator@A     admin:province_operator P   in_P      n
security_officer@P      admin:security_officer  P   in_P      n
province_operator@P     app:van_thu         B       in_B      Y
province_operator@P     app:van_thu         B       self      n
agency_admin@A          owned:by_agency     A       in_A      Y
agency_admin@A          owned:by_agency     B       in_B      n
agency_admin@A          owned:by_owner      A       in_A      Y
agency_admin@A          owned:by_owner      B       in_B      Y
agency_admin@A          owned:by_owner      P       in_P      Y
agency_admin@A          owned:by_owner      B       self      n
agency_admin@A          owned:by_province   A       in_A      n
agency_admin@A          owned:by_operator   A       in_A      n
agency_admin@A1         owned:by_owner      A1      in_A1     n
agency_admin@B          owned:by_agency     B       in_B      Y
agency_admin@B          owned:by_owner      B       in_B      n
agency_admin@B          owned:by_province   B       in_B      n
hr_officer@A            owned:by_owner      A       in_A      n
province_operator@P     owned:by_agency     B       in_B      Y
province_operator@P     owned:by_owner      B       in_B      Y
province_operator@P     owned:by_province   B       in_B      Y
province_operator@P     owned:by_operator   B       in_B      n
province_operator@A     owned:by_province   A       in_A      Y
province_operator@A     owned:by_province   B       in_B      n
expired@A               app:van_thu         A       in_A      n
suspended@A             app:van_thu         A       in_A      n
user@A                  app:van_thu         A       in_A      n
"""

# Who may ask that a role be given, where, to whom. Whether it is given, another decides.
#   actor               role                place   holder    expected
ASK_TABLE = """
agency_admin@A          app:van_thu         A       in_A      Y
agency_admin@A          app:van_thu         P       in_A      Y
agency_admin@A          app:van_thu         B       in_A      Y
agency_admin@A          admin:agency_admin  A1      in_A1     Y
agency_admin@A          app:van_thu         A       in_B      n
agency_admin@A          app:van_thu         A       missing   n
agency_admin@A          admin:agency_admin  A       self      Y
agency_admin@A1         app:van_thu         A1      in_A      n
hr_officer@A            app:van_thu         A       in_A.u    Y
hr_officer@A            app:van_thu         B       in_B      n
inspector@A             app:van_thu         A       in_A      n
auditor@A               app:van_thu         A       in_A      n
help_desk@A             app:van_thu         A       in_A      n
unit_coordinator@A      app:van_thu         A       in_A      n
it_executive@A          app:van_thu         A       in_A      n
province_operator@P     admin:province_operator P   in_B      Y
user@A                  app:van_thu         A       self      Y
user@A                  app:van_thu         A       in_A      n
inspector@A             app:van_thu         A       self      Y
nobody                  app:van_thu         A       in_A      n
expired@A               app:van_thu         A       in_A      n
expired@A               app:van_thu         A       self      Y
suspended@A             app:van_thu         A       in_A      n
suspended@A             app:van_thu         A       self      n
"""

# Applications. shared: of the owner A, for all agencies; everyones: shared, of no agency; of_X:
# internal to X and open to it, so that places above and under X know of it; given_away: internal to
# B, once to A; to_others: internal to A, opened to B too by the province; off: internal to A,
# disabled; ours: the console; missing: no such application.
APPLICATIONS = (
    "shared",
    "everyones",
    "of_P",
    "of_A",
    "of_A.u",
    "of_A1",
    "of_B",
    "given_away",
    "to_others",
    "off",
    "ours",
    "missing",
)

#                              shared everyones of: P A A.u A1 B given to_others off ours missing
APPLICATION_TABLE = """
nobody              applications:read        n n n n n n n n n n n n
nobody              applications:write       n n n n n n n n n n n n
user@A              applications:read        n n n n n n n n n n n n
user@A              applications:write       n n n n n n n n n n n n
user@A              clients:write            n n n n n n n n n n n n
user@A              roles:write              n n n n n n n n n n n n
user@A              releases:approve         n n n n n n n n n n n n
agency_admin@A      applications:read        Y Y Y Y Y Y n n Y Y Y n
agency_admin@A      applications:write       n n n Y Y Y n n Y Y n n
agency_admin@A      clients:write            n n n Y Y Y n n Y Y n n
agency_admin@A      clients:trust            n n n n n n n n n n n n
agency_admin@A      roles:write              n n n Y Y Y n n Y Y n n
agency_admin@A      releases:approve         n n n Y Y Y n n Y Y n n
agency_admin@A1     applications:read        Y Y Y Y n Y n n Y Y Y n
agency_admin@A1     applications:write       n n n n n Y n n n n n n
agency_admin@A1     clients:write            n n n n n Y n n n n n n
agency_admin@A1     roles:write              n n n n n Y n n n n n n
agency_admin@A1     releases:approve         n n n n n Y n n n n n n
agency_admin@A.u    applications:read        Y Y Y Y Y n n n Y Y Y n
agency_admin@A.u    applications:write       n n n n Y n n n n n n n
agency_admin@B      applications:read        Y Y Y n n n Y Y Y n Y n
agency_admin@B      applications:write       n n n n n n Y Y n n n n
agency_admin@B      clients:write            n n n n n n Y Y n n n n
agency_admin@B      roles:write              n n n n n n Y Y n n n n
agency_admin@B      releases:approve         n n n n n n Y Y n n n n
hr_officer@A        applications:read        n n n n n n n n n n n n
hr_officer@A        applications:write       n n n n n n n n n n n n
hr_officer@A        clients:write            n n n n n n n n n n n n
hr_officer@A        roles:write              n n n n n n n n n n n n
hr_officer@A        releases:approve         n n n n n n n n n n n n
inspector@A         applications:read        Y Y Y Y Y Y n n Y Y Y n
inspector@A         applications:write       n n n n n n n n n n n n
inspector@A         clients:write            n n n n n n n n n n n n
inspector@A         roles:write              n n n n n n n n n n n n
inspector@A         releases:approve         n n n n n n n n n n n n
auditor@A           applications:read        Y Y Y Y Y Y n n Y Y Y n
auditor@A           applications:write       n n n n n n n n n n n n
auditor@A           clients:write            n n n n n n n n n n n n
auditor@A           releases:approve         n n n n n n n n n n n n
province_operator@A applications:read        Y Y Y Y Y Y n n Y Y Y n
province_operator@A applications:write       n n n Y Y Y n n Y Y n n
province_operator@A clients:write            n n n Y Y Y n n Y Y n n
province_operator@A clients:trust            n n n n n n n n n n n n
province_operator@A releases:approve         n n n Y Y Y n n Y Y n n
province_operator@P applications:read        Y Y Y Y Y Y Y Y Y Y Y Y
province_operator@P applications:write       Y Y Y Y Y Y Y Y Y Y Y Y
province_operator@P clients:write            Y Y Y Y Y Y Y Y Y Y Y Y
province_operator@P clients:trust            Y Y Y Y Y Y Y Y Y Y Y Y
province_operator@P roles:write              Y Y Y Y Y Y Y Y Y Y Y Y
province_operator@P releases:approve         Y Y Y Y Y Y Y Y Y Y Y Y
security_officer@P  applications:read        Y Y Y Y Y Y Y Y Y Y Y Y
security_officer@P  applications:write       n n n n n n n n n n n n
security_officer@P  clients:write            n n n n n n n n n n n n
security_officer@P  clients:trust            n n n n n n n n n n n n
security_officer@P  signin:unpause           Y Y Y Y Y Y Y Y Y Y Y Y
security_officer@P  releases:approve         n n n n n n n n n n n n
security_officer@A  signin:unpause           n n n n n n n n n n n n
it_executive@P      applications:read        Y Y Y Y Y Y Y Y Y Y Y Y
it_executive@A      applications:read        Y Y Y Y Y Y n n Y Y Y n
it_executive@A      releases:approve         n n n Y Y Y n n Y Y n n
it_executive@P      applications:write       n n n n n n n n n n n n
it_executive@P      roles:write              n n n n n n n n n n n n
it_executive@P      releases:approve         Y Y Y Y Y Y Y Y Y Y Y Y
help_desk@A         applications:read        n n n n n n n n n n n n
help_desk@A         applications:write       n n n n n n n n n n n n
help_desk@A         releases:approve         n n n n n n n n n n n n
help_desk@P         signin:unpause           n n n n n n n n n n n n
unit_coordinator@A  applications:read        n n n n n n n n n n n n
unit_coordinator@A  applications:write       n n n n n n n n n n n n
unit_coordinator@A  releases:approve         n n n n n n n n n n n n
expired@A           applications:read        n n n n n n n n n n n n
expired@A           applications:write       n n n n n n n n n n n n
future@A            applications:write       n n n n n n n n n n n n
revoked@A           clients:write            n n n n n n n n n n n n
revoked@A           releases:approve         n n n n n n n n n n n n
suspended@A         applications:write       n n n n n n n n n n n n
suspended@A         releases:approve         n n n n n n n n n n n n
foreign_role@A      applications:write       n n n n n n n n n n n n
last_day@A          applications:write       n n n Y Y Y n n Y Y n n
by_post@A           applications:write       n n n Y Y Y n n Y Y n n
by_ended_post@A     applications:write       n n n n n n n n n n n n
"""

# Who may register an application, and open it. owner: internal to that place, or shared; opened:
# to that agency (* for everyone, roles for holders of its roles).
#   actor               owner   opened  expected
REGISTER_TABLE = """
agency_admin@A          A       A       Y
agency_admin@A          A       A1      Y
agency_admin@A          A1      A       Y
agency_admin@A          A1      A1      Y
agency_admin@A          A       B       n
agency_admin@A          A       P       n
agency_admin@A          A       *       n
agency_admin@A          A       roles   n
agency_admin@A          B       A       n
agency_admin@A          P       A       n
agency_admin@A          shared  A       n
agency_admin@A1         A1      A1      Y
agency_admin@A1         A       A1      n
agency_admin@A1         A1      A       n
agency_admin@B          A       B       n
hr_officer@A            A       A       n
inspector@A             A       A       n
it_executive@A          A       A       n
help_desk@A             A       A       n
unit_coordinator@A      A       A       n
security_officer@P      A       A       n
auditor@A               A       A       n
user@A                  A       A       n
nobody                  A       A       n
expired@A               A       A       n
suspended@A             A       A       n
province_operator@A     A       A       Y
province_operator@A     A       B       n
province_operator@A     shared  A       n
province_operator@P     A       B       Y
province_operator@P     A       *       Y
province_operator@P     A       roles   Y
province_operator@P     shared  *       Y
province_operator@P     shared  roles   Y
"""

# What no role gives, whoever asks.
UNKNOWN_ACTIONS = ("people:delete", "audit:write", "", "people:*", "PEOPLE:READ", "people:read")
