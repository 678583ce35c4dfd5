/** The hardware-aware training loop: costs measured on a miss, plans, runs and what they leave behind. */
@NullMarked
package org.secateur.harness.loop;

import org.jspecify.annotations.NullMarked;
