/** The host's own counters: processor time, steal and context switches, and what this process used. */
@NullMarked
package org.secateur.profilers.core.host;

import org.jspecify.annotations.NullMarked;
