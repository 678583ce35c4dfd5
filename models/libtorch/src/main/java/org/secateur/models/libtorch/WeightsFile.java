package org.secateur.models.libtorch;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * Weights out of a safetensors file of any writer, by PyTorch's names. What the network does not have is left where it is:
 * counters of batches, classifiers that only training has.
 */
public final class WeightsFile {
    private WeightsFile() {}

    /**
     * The weights of a network, without momentum.
     *
     * @throws SecateurException when the file is missing or damaged, or a tensor is not in it in its shape, naming the
     *     first
     */
    public static ModelState read(Path file, Network network) {
        try {
            Map<String, HostTensor> tensors =
                    Safetensors.decodeAny(Safetensors.bytes(file)).tensors();
            Map<String, HostTensor> parameters = new LinkedHashMap<>();
            Map<String, HostTensor> buffers = new LinkedHashMap<>();
            for (Tensor tensor : Parameters.of(network)) {
                HostTensor values = tensors.get(tensor.name());
                if (values == null) {
                    throw new IllegalArgumentException(
                            "it has no tensor " + tensor.name() + " of type F32, F16 or BF16");
                }
                (tensor.kind() == Kind.TRAINED ? parameters : buffers).put(tensor.name(), values);
            }
            ModelState state = new ModelState(parameters, Map.of(), buffers);
            Parameters.requireFit(network, state);
            return state;
        } catch (NoSuchFileException e) {
            throw refusal(file, "the file does not exist", "name a safetensors file", e);
        } catch (IOException e) {
            throw refusal(file, "the file cannot be read: " + e.getMessage(), "check its permissions and disk", e);
        } catch (IllegalArgumentException e) {
            throw refusal(
                    file,
                    "these are not the weights of " + network.name() + ": " + e.getMessage(),
                    "name the network that they belong to, with its --input and --classes",
                    e);
        }
    }

    private static SecateurException refusal(Path file, String what, String fix, Exception cause) {
        return new SecateurException(ExitCode.BAD_INPUT, what, file.toString(), fix, cause);
    }
}
