@NullMarked
package org.secateur.results.report;

import org.jspecify.annotations.NullMarked;
