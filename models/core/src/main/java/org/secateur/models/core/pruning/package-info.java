/** Deciding which channels go: saliency, the width rule, PruneTrain's rule, budgets and plans, on plain arrays. */
@NullMarked
package org.secateur.models.core.pruning;

import org.jspecify.annotations.NullMarked;
