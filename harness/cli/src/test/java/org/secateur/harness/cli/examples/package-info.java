/** Programs that the cookbook shows. */
@NullMarked
package org.secateur.harness.cli.examples;

import org.jspecify.annotations.NullMarked;
