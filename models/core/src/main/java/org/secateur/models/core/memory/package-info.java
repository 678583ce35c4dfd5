/** How much memory a training step takes. */
@NullMarked
package org.secateur.models.core.memory;

import org.jspecify.annotations.NullMarked;
