/** Cost tables and the models that predict from them. */
@NullMarked
package org.secateur.results.core.cost;

import org.jspecify.annotations.NullMarked;
