package org.secateur.models.onnx;

import java.util.List;

/** The value of a node's attribute. */
sealed interface OnnxAttribute {
    /** A float. */
    record Real(float value) implements OnnxAttribute {}

    /** An integer. */
    record Whole(long value) implements OnnxAttribute {}

    /** A string. */
    record Text(String value) implements OnnxAttribute {}

    /** Integers. */
    record Wholes(List<Long> values) implements OnnxAttribute {
        public Wholes {
            values = List.copyOf(values);
        }
    }

    /** A tensor. */
    record Constant(OnnxTensor value) implements OnnxAttribute {}

    /** What no operator that is read has: graphs, several tensors or strings, sparse tensors. */
    record Other() implements OnnxAttribute {}
}
