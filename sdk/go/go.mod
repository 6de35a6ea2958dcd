module gatehouse/plugin

go 1.21
