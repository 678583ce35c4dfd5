/** What was measured, kept: the SQLite store, tables as JSON and CSV, and the JSON of quantities. */
@NullMarked
package org.secateur.results.store;

import org.jspecify.annotations.NullMarked;
