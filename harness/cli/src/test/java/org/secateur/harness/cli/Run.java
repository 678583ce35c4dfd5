package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.SecateurException;

/** One call of the command line in this process: its exit code and what it printed. */
record Run(int exit, String out, String err) {
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(VersionFlag.V202012);

    /** A call with whatever devices and surroundings. */
    static Run of(Function<String, Device> devices, Surroundings surroundings, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);
        int exit = CommandLineInterface.run(new Session(console, Map.of(), devices, surroundings), args);
        console.out().flush();
        console.err().flush();
        return new Run(exit, out.toString(), err.toString());
    }

    /** A call on a machine without any device. */
    static Run withoutDevice(String... args) {
        return of(
                id -> {
                    throw SecateurException.environment("no backend is installed", id, "install one");
                },
                Surroundings.host(),
                args);
    }

    /**
     * A call on a simulated device without noise, on which a launch takes a microsecond and, by its multiply-accumulates
     * and bytes, what a processor of 10 G/s and 10 GB/s would take.
     */
    static Run simulated(String... args) {
        return simulated(1, args);
    }

    /** The same on a device that is slower by a factor, under the same fingerprint. */
    static Run simulated(double factor, String... args) {
        SimulatedDevice device = new SimulatedDevice(
                w -> factor * (1e-6 + w.macs() / 1e10 + w.bytesMoved() / 1e10), Disturbance.NONE, 1);
        return of(id -> device, device.surroundings(), args);
    }

    /** The document on standard output, which is the only thing there and fits the schema. */
    JsonNode json(String schema) {
        assertThat(problems(out, schema)).as("%s as %s", out, schema).isEmpty();
        try {
            return new ObjectMapper().readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError(out, e);
        }
    }

    /** Where a document departs from a schema; empty where it fits. */
    static List<String> problems(String document, String schema) {
        Path file = home().resolve("docs/schema/" + schema + ".schema.json");
        return SCHEMAS
                .getSchema(SchemaLocation.of(file.toUri().toString()))
                .validate(document, InputFormat.JSON)
                .stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    /** The repository's root. */
    static Path home() {
        return Path.of(Objects.requireNonNull(System.getProperty("secateur.home"), "secateur.home"));
    }
}
