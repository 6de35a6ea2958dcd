/* A library that has nothing to do with Gatehouse. */
int foreign_answer(void) { return 42; }
