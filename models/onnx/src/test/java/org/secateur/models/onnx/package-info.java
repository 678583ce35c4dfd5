@NullMarked
package org.secateur.models.onnx;

import org.jspecify.annotations.NullMarked;
