/** Networks by name. */
@NullMarked
package org.secateur.models.core.zoo;

import org.jspecify.annotations.NullMarked;
