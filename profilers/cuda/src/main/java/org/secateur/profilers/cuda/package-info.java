/** NVIDIA GPUs: cuDNN kernels, CUDA graphs and event timing through JCuda. */
@NullMarked
package org.secateur.profilers.cuda;

import org.jspecify.annotations.NullMarked;
