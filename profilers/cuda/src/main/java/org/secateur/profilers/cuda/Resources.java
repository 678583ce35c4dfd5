package org.secateur.profilers.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Resources that are released together, the latest first, all of them even when one fails to. */
final class Resources implements Resource {
    private final Deque<Resource> held = new ArrayDeque<>();

    /** Takes a resource over. */
    <T extends Resource> T add(T resource) {
        held.push(resource);
        return resource;
    }

    /** Releases everything; the first failure is thrown, the others are suppressed under it. */
    @Override
    public void close() {
        @Nullable RuntimeException failure = null;
        while (!held.isEmpty()) {
            try {
                held.pop().close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Releases everything because of a failure, under which further ones are suppressed. */
    void closeAfter(RuntimeException failure) {
        try {
            close();
        } catch (RuntimeException further) {
            failure.addSuppressed(further);
        }
    }
}
