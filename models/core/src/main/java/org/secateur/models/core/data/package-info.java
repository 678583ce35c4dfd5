/** Image sets: readers of the usual distribution files, a drawn set, and batches of them. No native code. */
@NullMarked
package org.secateur.models.core.data;

import org.jspecify.annotations.NullMarked;
