"""The screens. They ask handles and fill templates; services, queries and SQL are out of reach."""
