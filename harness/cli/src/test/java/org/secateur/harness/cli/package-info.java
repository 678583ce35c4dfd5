@NullMarked
package org.secateur.harness.cli;

import org.jspecify.annotations.NullMarked;
