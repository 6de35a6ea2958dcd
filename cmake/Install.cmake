install(TARGETS gatehouse RUNTIME DESTINATION bin)
