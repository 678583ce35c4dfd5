package org.secateur.results.core;

/**
 * What is asked of a device: one pass of one operation in a data type, math mode and layout. The algorithm
 * that the device finds for it is a result ({@link Variant}), not part of the question.
 */
public record Workload(Operation operation, Pass pass, DataType dataType, MathMode mathMode, Layout layout) {
    public Workload {
        if (!operation.has(pass)) {
            throw new IllegalArgumentException("pass " + pass.text() + " does not exist for " + operation
                    + ": expected one of " + operation.passes(true));
        }
    }

    /** The workload in F32, default math and NCHW. */
    public static Workload of(Operation operation, Pass pass) {
        return new Workload(operation, pass, DataType.F32, MathMode.DEFAULT, Layout.NCHW);
    }

    /** The canonical text, the same for equal workloads for ever; see {@link WorkloadText}. */
    public String text() {
        return WorkloadText.write(this);
    }

    /** Reads what {@link #text()} wrote. */
    public static Workload parse(String text) {
        return WorkloadText.read(text);
    }

    /** Multiply-accumulates of this pass; an elementwise pass has none. */
    public long macs() {
        return operation.macs();
    }

    /** Bytes moved when each tensor of the pass moves once. */
    public long bytesMoved() {
        return operation.elementsMoved() * dataType.bytes();
    }

    @Override
    public String toString() {
        return text();
    }
}
