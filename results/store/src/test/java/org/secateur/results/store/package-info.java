@NullMarked
package org.secateur.results.store;

import org.jspecify.annotations.NullMarked;
