"""``GET /v1/kyc/documents/{documentId}``: personal documents, for those who may download them."""

from reconciler.sandbox.platform.endpoints.call import Call, Document


def document(call: Call) -> Document:
    """Return a document's description.

    Raises:
        Problem: 400 or 403: the id is no UUID, or the capability is missing.
    """
    call.require("allowKycDocumentDownload")
    uuid = call.uuid("documentId")
    return {"uuid": uuid, "type": "TRADE_REGISTER_EXTRACT", "fileName": f"{uuid}.pdf", "contentType": "application/pdf"}
