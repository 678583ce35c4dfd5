/** From a network to the ordered workloads and buffers of one training step or one inference. */
@NullMarked
package org.secateur.models.core.lowering;

import org.jspecify.annotations.NullMarked;
