/** What was measured again and again, and where it changed. */
@NullMarked
package org.secateur.results.core.history;

import org.jspecify.annotations.NullMarked;
