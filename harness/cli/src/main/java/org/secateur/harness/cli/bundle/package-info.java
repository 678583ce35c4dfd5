/** Packs the program with a Java runtime of its own, for machines that have neither Java nor a network. */
@NullMarked
package org.secateur.harness.cli.bundle;

import org.jspecify.annotations.NullMarked;
