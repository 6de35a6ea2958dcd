/* The yardstick of the sql backend: one prepared statement, stepped to its end, its rows appended as JSON.
 *
 * bare_rows FILE SQL SECONDS prints the microseconds of processor time that one turn takes. The answer goes nowhere.
 * The statement gives an integer and a text without escapes. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char *append_integer(char *out, sqlite3_int64 value) {
    char digits[24];
    int count = 0;
    sqlite3_uint64 rest = value < 0 ? 0 - (sqlite3_uint64)value : (sqlite3_uint64)value;
    do digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) *out++ = '-';
    while (count > 0) *out++ = digits[--count];
    return out;
}

static char *append_row(char *out, sqlite3_stmt *statement) {
    *out++ = '[';
    out = append_integer(out, sqlite3_column_int64(statement, 0));
    *out++ = ',';
    *out++ = '"';
    const unsigned char *text = sqlite3_column_text(statement, 1);
    size_t size = (size_t)sqlite3_column_bytes(statement, 1);
    for (size_t i = 0; i < size; ++i)
        if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\') exit(3);
    memcpy(out, text, size);
    out += size;
    *out++ = '"';
    *out++ = ']';
    *out++ = ',';
    return out;
}

int main(int count, char **words) {
    sqlite3 *database;
    sqlite3_stmt *statement;
    char *out = malloc(16 << 20);
    if (count != 4 || sqlite3_open_v2(words[1], &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, words[2], -1, &statement, NULL) != SQLITE_OK)
        return 2;
    const double most = atof(words[3]), began = cpu_seconds();
    long turns = 0;
    double spent = 0;
    while (spent < most) {
        char *end = out;
        while (sqlite3_step(statement) == SQLITE_ROW) end = append_row(end, statement);
        sqlite3_reset(statement);
        ++turns;
        spent = cpu_seconds() - began;
    }
    printf("%.2f\n", spent * 1e6 / (double)turns);
    return 0;
}
