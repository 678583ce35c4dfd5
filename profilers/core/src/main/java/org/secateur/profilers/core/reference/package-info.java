/** What operations compute, written out slowly, for kernels to be held against. */
@NullMarked
package org.secateur.profilers.core.reference;

import org.jspecify.annotations.NullMarked;
