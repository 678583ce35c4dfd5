/** The command line: the only package that prints. */
@NullMarked
package org.secateur.harness.cli;

import org.jspecify.annotations.NullMarked;
