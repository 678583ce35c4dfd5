/** Estimates with exact intervals, paired comparisons and verdicts. Plain numbers in, plain numbers out. */
@NullMarked
package org.secateur.results.core.statistics;

import org.jspecify.annotations.NullMarked;
