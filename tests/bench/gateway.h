/* SPDX-License-Identifier: Apache-2.0
 * What a Huawei gateway says of its tunnels, for what measures. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

/* Tunnel i comes up, or goes down, for the n-th time; i says which hub's. */
void gateway_line(char *text, size_t cap, size_t hubs, size_t i, size_t n, bool up);

#endif
