/** The host's own counters: processor time, steal and context switches, read from {@code /proc}. */
@NullMarked
package org.secateur.profilers.core.host;

import org.jspecify.annotations.NullMarked;
