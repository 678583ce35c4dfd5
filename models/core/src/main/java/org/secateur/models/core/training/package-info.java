/** What every engine that trains networks has in common: what it is asked, what it tells, rates, regularised weights. */
@NullMarked
package org.secateur.models.core.training;

import org.jspecify.annotations.NullMarked;
