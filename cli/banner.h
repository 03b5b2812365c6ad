/* banner: what a person is told when an instance has come up under the terminal. */
#ifndef MERIDIAN_CLI_BANNER_H
#define MERIDIAN_CLI_BANNER_H

#include "cli/demo.h"
#include "db/instance.h"

/* Prints the page, the log-in and what to try. PASSWORD is "" where none was made; DEMO is NULL
 * where none runs. */
void banner_print(const struct instance *instance, const char *password, const struct demo *demo);

/*
 * The log-in line, where PASSWORD is not "". It stands alone where a start fails or is ended early:
 * nobody would see the password again.
 */
void banner_print_password(const char *password);

#endif
