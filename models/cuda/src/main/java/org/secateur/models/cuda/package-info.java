/** Training on NVIDIA GPUs by cuDNN. */
@NullMarked
package org.secateur.models.cuda;

import org.jspecify.annotations.NullMarked;
