@NullMarked
package org.secateur.harness.cli.bundle;

import org.jspecify.annotations.NullMarked;
