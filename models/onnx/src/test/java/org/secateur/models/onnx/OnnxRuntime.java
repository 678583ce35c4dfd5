package org.secateur.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.secateur.models.core.graph.Shape;

/** What ONNX Runtime makes of a file. */
final class OnnxRuntime {
    private OnnxRuntime() {}

    /** The logits of an image, which stands before its negative in a batch of two. */
    static double[] logits(Path file, Shape shape, float[] image) throws OrtException {
        float[] batch = Arrays.copyOf(image, 2 * image.length);
        for (int i = 0; i < image.length; i++) {
            batch[image.length + i] = -image[i];
        }
        long[] dimensions = {2, shape.channels(), shape.height(), shape.width()};
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                OrtSession session = environment.createSession(file.toString(), options);
                OnnxTensor images = OnnxTensor.createTensor(environment, FloatBuffer.wrap(batch), dimensions);
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), images))) {
            float[][] logits = (float[][]) result.get(0).getValue();
            double[] first = new double[logits[0].length];
            for (int i = 0; i < first.length; i++) {
                first[i] = logits[0][i];
            }
            return first;
        }
    }
}
