/** The report of a run: one HTML file that opens offline. */
@NullMarked
package org.secateur.results.report;

import org.jspecify.annotations.NullMarked;
