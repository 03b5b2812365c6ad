# Tests: check, check-unit, check-system, check-ui and their tools.
