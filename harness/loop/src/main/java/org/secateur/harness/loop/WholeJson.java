package org.secateur.harness.loop;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** Files of a run as JSON. */
final class WholeJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private WholeJson() {}

    /**
     * Writes a value, whole or not at all.
     *
     * @param what it is, for messages, for example {@code the plans}
     */
    static void write(Object value, Path file, String what) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            MAPPER.writeValue(part.toFile(), value);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    what + " cannot be written: " + e.getMessage(),
                    file.toString(),
                    "free disk space there",
                    e);
        }
    }
}
