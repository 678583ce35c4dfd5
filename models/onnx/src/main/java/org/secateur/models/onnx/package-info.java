/** Networks as ONNX files: written at opset 17, read from opset 11 on. */
@NullMarked
package org.secateur.models.onnx;

import org.jspecify.annotations.NullMarked;
