/** The only loader of libtorch, the operations that training executes, and the kernels that measure them. */
@NullMarked
package org.secateur.profilers.libtorch;

import org.jspecify.annotations.NullMarked;
