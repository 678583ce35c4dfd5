/** From a network, its channel groups and a cost model to the width problem that the width rule solves. */
@NullMarked
package org.secateur.models.core.planning;

import org.jspecify.annotations.NullMarked;
