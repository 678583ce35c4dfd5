/** The network as a graph of layers: shapes, counts, channel groups and surgery, without any native code. */
@NullMarked
package org.secateur.models.core.graph;

import org.jspecify.annotations.NullMarked;
