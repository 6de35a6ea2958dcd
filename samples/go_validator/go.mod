module go_validator

go 1.21

require gatehouse/plugin v1.0.0

replace gatehouse/plugin => ../../sdk/go
