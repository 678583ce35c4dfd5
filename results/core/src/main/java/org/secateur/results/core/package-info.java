/** The vocabulary: what was asked, what was measured, where it came from, and how sure we are. */
@NullMarked
package org.secateur.results.core;

import org.jspecify.annotations.NullMarked;
