/* Exports a function and no table. */
int reissue(void) { return 0; }
