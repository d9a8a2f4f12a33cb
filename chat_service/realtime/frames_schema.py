"""The socket's frames in OpenAPI, as webhooks: so clients are generated for them too, and Swagger UI lists them."""

from fastapi import FastAPI

from chat_service.realtime.protocol import ClientFrame, ServerFrame


def install_frame_schemas(app: FastAPI) -> None:
    """Describe both directions; these are not routes."""

    @app.webhooks.post("socket.client_frame", tags=["socket"], operation_id="clientFrame")
    def client_frame(frame: ClientFrame) -> None:
        """What a client sends."""

    @app.webhooks.post("socket.server_frame", tags=["socket"], operation_id="serverFrame")
    def server_frame(frame: ServerFrame) -> None:
        """What the server sends."""
