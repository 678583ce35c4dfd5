/** The sampler: warm-up, interleaved rounds, stopping by precision, rejection by recorded cause, paired comparison. */
@NullMarked
package org.secateur.profilers.core.sampler;

import org.jspecify.annotations.NullMarked;
