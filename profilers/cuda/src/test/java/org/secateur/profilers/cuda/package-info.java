@NullMarked
package org.secateur.profilers.cuda;

import org.jspecify.annotations.NullMarked;
