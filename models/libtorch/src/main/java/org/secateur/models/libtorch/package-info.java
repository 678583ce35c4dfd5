/** Training, evaluation and checkpoints of a network on libtorch. */
@NullMarked
package org.secateur.models.libtorch;

import org.jspecify.annotations.NullMarked;
