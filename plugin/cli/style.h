/* SPDX-License-Identifier: Apache-2.0
 * The style sheet of our pages: style.css, made into C by CMake. */
#ifndef CLI_STYLE_H
#define CLI_STYLE_H

extern const char style_sheet[];

#endif
